"""Words that stand where a name could stand and are none."""

import re

# Offices that people are addressed by; a name may follow.
OFFICE = (
    r"(?:(?:ober|alt|orts?)?(?:bürger|amts|haus|schul|bau)?(?:bürgermeister|meister)|(?:stadt|land|ministerial|regierungs|kreis|schul|ober|bau|gemeinde|orts)?(?:rat|rät|verordnete)|"
    r"(?:amts|abteilungs|referats|schul|fachdienst|fachbereichs|sachgebiets|kita|büro|team)leiter|dezernent|minister|präsident|direktor|rektor|beigeordnete|kämmerer|"
    r"doktor|professor|vorsitzende|abgeordnete|beamt|standesbeamt|sachbearbeiter|kolleg|ortsvorsteher|pfarrer|richter)"
)
ROLE = (
    r"(?i:(?:stadt|verwaltungs|amts|polizei|schul|kita|bus|bau|haus|ober|standes|sozial|fach|haupt|ober)?(?:sachbearbeiter|mitarbeiter|kolleg|hausmeister|bürgermeister|rektor|lehrer|erzieher|"
    r"pfarrer|nachbar|beamt|amtsleiter|leiter|dezernent|stadtrat|landrat|berater|betreuer|ortsvorsteher|fahrer|kontrolleur|"
    r"schulleiter|abteilungsleiter|vermieter|mieter|hauseigentümer|anwalt|rechtsanwalt|arzt|ärzt|polizist)(?:innen|in|en|e|n|s)?|officer|clerk|councillor|mayor|professor|doctor|teacher|caseworker|neighbour|colleague)"
)
COMMON = frozenset(
    word.casefold()
    for word in """
    ich du er sie es wir ihr ihnen ihre ihrer ihren ihrem mich mir uns euch sich mein meine dein sein seine unser unsere eure
    der die das den dem des ein eine einer einem einen eines kein keine dieser diese dieses jeder alle allen alles man wer was
    und oder aber doch denn weil wenn dass als wie wo wann warum nicht auch nur noch schon sehr so zu zum zur im in am an auf aus bei beim
    mit nach von vom vor für über unter um ab bis seit durch gegen ohne hier dort da dann jetzt heute morgen gestern immer nie leider
    bitte danke hallo ja nein gut gute guten guter gutes super toll prima ist war sind waren hat haben hatte wird wurde kann könnte muss soll
    herr herrn frau frauen herren mann männer kind kinder eltern mutter vater familie leute mensch menschen person personen
    bürger bürgerin bürgerinnen einwohner einwohnerin anwohner anwohnerin anlieger nutzer nutzerin kunde kundin mitbürger nachbarn steuerzahler
    rentner rentnerin student studentin studierende mieter mieterin vater mama papa oma opa team anonym unbekannt jemand niemand
    stadt gemeinde kreis landkreis amt rathaus bürgerbüro verwaltung stadtverwaltung kollege kollegin kollegen damen
    montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august september oktober november dezember
    mitte anfang ende termin termine zeit auskunft hilfe uhr euro antrag formular formulare urlaub krank bescheid antwort rückmeldung post
    geduld vorbild geld recht schuld lust angst unterlagen infos informationen mail telefon
    marburg hessen deutschland germany
    the a an and or but of to in on at for from with by is was are were i you he she it we they my your his her our their this that
    monday tuesday wednesday thursday friday saturday sunday january february march may june july october december
    all everyone everybody team sir madam council city office resident citizen help advance again much very so not no yes
    bürgermeister bürgermeisterin oberbürgermeister oberbürgermeisterin doktor professor professorin
    """.split()
)
# First names and surnames that are German or English words, places or offices as well.
AMBIGUOUS = frozenset(
    word.casefold()
    for word in """
    August Ernst Rose Mark Wolf Falk German Urban Roman Gloria Viola Mercedes Harm Kata Meta Peer Holm Norma Flora Franka Till Art Joy
    Grant Dan Rob Bill Will Max Linda Ray Jan Ben Engin Gute Hande Ring Zimmer Steuer Klotz Salz Rust Mühle Baum Eimer Beer Anders Mans Nette
    Stahr Sauer Lange Warmer Fröhlich Ritter Meister Adler Jungfer Huhn Putz Faust Schuster Schüler Stroh Sontag Wende Bien Bruder Killer Karge Graf Koch Hope
    Florence Georgia Virginia Sydney Victoria Charlotte Paris Chelsea Dale Glen Dawn Eve Faith Frank Jean Josh Kay Kim Lee June April May Robin Terry
    Heide Helm Veli Isa Iris Ada Ira Asta Ria Rosa Lea Ron Roy Inka Ante Sandy Mike Rich Sue Pat Nuri
    """.split()
)
NO_NAME_END = re.compile(
    r".{2,}(?:amt|büro|stelle|center|haus|dienst|abteilung|verwaltung|behörde|ung|ungen|heit|keit|schaft|tion|tionen|tät|formular|antrag|"
    r"meisterin|leiterin|beauftragte[rn]?|dezernentin|ministerin|präsidentin|vorsitzende[rn]?|angestellte[rn]?|beamtin|rätin|verordnete[rn]?|arbeiterin|"
    r"amtes|steuer|karte|gebühr|gebühren|schule|platz|straße|weg|zeit|zeiten|termin|nummer|innen|bürger|bürgerin|räume|kasse|schalter)\Z"
)


def common(word: str) -> bool:
    """Whether it is a word of every day rather than a name."""
    folded = word.strip(".,'").casefold()
    return folded in COMMON or bool(NO_NAME_END.match(folded)) or bool(re.fullmatch(OFFICE + "(?:in|en|e|n)?", folded))
