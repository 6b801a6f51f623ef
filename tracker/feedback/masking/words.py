"""Words that stand where a name could stand and are none."""

import re


def words(text: str) -> frozenset[str]:
    """Each word in small letters."""
    return frozenset(text.casefold().split())


CALENDAR = words("""
    montag dienstag mittwoch donnerstag freitag samstag sonntag januar februar märz april mai juni juli august
    september oktober november dezember
""")
FUNCTION = CALENDAR | words("""
    ich du er sie es wir ihr ihnen ihre ihrer ihren ihrem ihres mich mir dich dir uns euch sich mein meine
    meiner meinem meinen dein deine sein seine seiner seinem unser unsere unserer unserem eure euer der die das
    den dem des ein eine einer einem einen eines kein keine keiner dieser diese dieses jeder jede alle allen
    alles man wer was welche und oder aber doch denn weil wenn dass als wie wo wann warum wieso nicht auch nur
    noch schon sehr so zu zum zur im ins in am an ans auf aus bei beim mit nach von vom vor für über unter um ab
    bis seit durch gegen ohne hier dort da dann danach jetzt heute morgen gestern immer nie leider bitte danke
    hallo ja nein ist war sind waren hat haben hatte wird wurde kann könnte muss soll sollte gut gute guten
    guter gutes super toll prima schön schöne nochmal nochmals wieder weiter weiterhin mitte anfang ende zeit
    uhr euro krank herr herrn frau frauen herren fräulein damen doktor professor dr prof dipl ing mr mrs ms miss
    sir madam sein muss bzw etc usw ca the a an and or but of to in on at for from with by is was are were has
    have had i you he she it we they me us them my your his her our their this that these those monday tuesday
    wednesday thursday friday saturday sunday january february march may june july october december all very
    much so not no yes please again here there now yours nebenan hinter hinten vorne gegenüber neben daneben
    selbst allein etwas total echt wirklich ganz mega voll eher eigentlich regards hr hrn fr frl fam falsch
    richtig egal sagt sagen meint macht machen hilft helfen geht gehen kommt spricht steht sitzt arbeitet
    arbeiten kennt weiß gibt nimmt ruft schreibt bekommt lässt lassen will wollen können wissen wrong right
    spelled spelt missing always never
""")
PEOPLE = words("""
    mann männer kind kinder eltern mutter vater mama papa oma opa sohn tochter familie leute mensch menschen
    person personen bürger bürgerin bürgerinnen einwohner einwohnerin anwohner anwohnerin anlieger nutzer
    nutzerin kunde kundin mitbürger mitbürgerin nachbarn nachbar nachbarin steuerzahler steuerzahlerin rentner
    rentnerin student studentin studierende mieter mieterin team anonym unbekannt jemand niemand stadt gemeinde
    kreis landkreis amt rathaus bürgerbüro verwaltung kollege kollegin kollegen zusammen welt computer zufall
    gott internet betreff anliegen everyone everybody council city office resident citizen student foreigner
    user customer help advance work support service staff lot guys termin termine auskunft hilfe antrag formular
    formulare urlaub bescheid antwort rückmeldung post geduld vorbild geld recht schuld lust angst unterlagen
    infos informationen mail telefon handy nummer name adresse marburg hessen deutschland germany dank mühe
    arbeit einsatz service support beratung grüße gruß lob kritik eure stadtbüro online
""")
# First names and surnames that are German or English words, towns or offices as well.
AMBIGUOUS = words("""
    adler allen amber anders angel ante april art asia asta august auguste aurora baba bali baptist baum bayram
    beat beer beste bien bill bruder can canal chelsea cord daisy dale dan darin davor dawn don edit edu eimer
    else ernst faith faust flora florence fröhlich gabel georgia german gloria grace graf grant grit gute hagen
    hande harm hazel heide hella holly holm hope huhn iris jade jesus jordan joy june jungfer kader karge kata
    killer klotz koch lange lean lily line lore luz mans marine mark may medina meister mentor mercedes merlin
    meta mile mühle nazi nelson nette norma orlando paris peer putz ramadan rich ring ritter roman romane rose
    rust said salami salz santiago sauer schuster schüler server siena silva silvester solange sontag stahr
    steuer stroh tan tea theres til till toy urban van victoria viola violette virginia warmer wende will wolf
    zimmer zeki ülke bergen helm sommer winter könig klein gross groß weiss weiß neu alt lang kurz schwarz braun
    roth
""")
# Offices that people are addressed by; a name may follow.
OFFICE = (
    r"(?:(?:ober|alt|orts?|bürger|ober-?bürger|amts|haus|schul|bau)?(?:bürger)?meister|"
    r"(?:stadt|land|ministerial|regierungs|kreis|schul|ober|bau|gemeinde|orts|studien)?(?:rat|rät|verordnete)|"
    r"(?:amts|abteilungs|referats|schul|fachdienst|fachbereichs|sachgebiets|kita|büro|team)leiter|dezernent|minister|"
    r"präsident|direktor|rektor|beigeordnete|kämmerer|doktor|professor|vorsitzende|abgeordnete|(?:standes)?beamt|"
    r"sachbearbeiter|kolleg|ortsvorsteher|pfarrer|richter|polizei\w{3,20}|(?:ober|haupt)?kommissar)(?:in|en|er|e|n|s)?"
)
# Work and relations that a name follows.
ROLE = (
    r"(?:(?:stadt|verwaltungs|amts|polizei|schul|kita|bus|bau|haus|ober|standes|sozial|fach|haupt|klassen)?(?:sachbearbeiter|"
    r"mitarbeiter|kolleg|hausmeister|meister|bürgermeister|rektor|lehrer|erzieher|pfarrer|nachbar|beamt|leiter|"
    r"dezernent|rat|rät|berater|betreuer|ortsvorsteher|fahrer|kontrolleur|vermieter|eigentümer|anwalt|anwält|arzt|ärzt|"
    r"polizist|verwalter|makler|trainer|chef)(?:innen|in|en|e|n|s)?|landrat|landrätin|officer|clerk|councillor|mayor|"
    r"professor|doctor|teacher|caseworker|neighbou?r|colleague|landlord|employee)"
)
NO_NAME_END = re.compile(
    r".{2,}(?:amt|amtes|büro|stelle|center|zentrum|haus|dienst|abteilung|verwaltung|behörde|ung|ungen|heit|keit|schaft|tion|"
    r"tionen|tät|formular|antrag|meisterin|leiterin|beauftragter?n?|dezernentin|ministerin|präsidentin|vorsitzende[rn]?|"
    r"angestellte[rn]?|beamtin|rätin|verordnete[rn]?|arbeiterin|steuer|karte|gebühr|gebühren|schule|platz|straße|strasse|"
    r"allee|gasse|ufer|weg|zeit|zeiten|termin|nummer|innen|bürger|bürgerin|räume|kasse|schalter|stadion|kirche|universität|"
    r"service|verein|ausweis|bescheid|gesetz|hotline)\Z"
)
PLACE_END = re.compile(
    r".*(?:platz|straße|strasse|str|allee|weg|gasse|ufer|haus|schule|stadion|kirche|universität|brücke|park|halle|heim|"
    r"museum|klinik|gymnasium|denkmal|stift|stiftung|street|road|school|square|bridge)\.?\Z"
)
OFFICES = re.compile(OFFICE)
# What ends like a street and is none.
NO_STREET = re.compile(
    r"(?:.*(?:industrie|gewerbe|park|spiel|sport|arbeits|stell|zelt|kita|studien|sitz|steh|lade|fest|bahn|bau|wertstoff|recycling|schul|um|rad|"
    r"fu(?:ß|ss)|geh|dienst|rechts|antrags|heim|hin|rück|amts|post|online|instanzen|not|einkaufs|super|wohnungs|floh|"
    r"weihnachts|bolz|camping|park|stadt|haupt|wander|feld|kinder|fried|bauern|kirch|innen|hinter|verkehrs|fern|garten|liege)"
    r"(?:platz|weg|hof|markt|ring|berg|steig|garten|park|tor|brücke|see|wald|grün)|"
    r"(?:weg|platz|park|ring|feld|markt|hof|berg|tal|garten|tor|kreuz|damm|stra(?:ß|ss)e|str\.?|allee|wiese|brücke|bach|wald|"
    r"see|plan|eck|stein|höhe|fahrplan|bebauungsplan|stadtplan|spielplan|genau|schau|stau|frau|bau|neubau|umbau|ausbau|"
    r"anbau|abbau|tabelle|ausweg|gerade|büro.*|.*kommission)|.*(?:fahr|stadt|bebauungs|abfuhr|zeit|lage|wohnungs|neu|um|ab|aus|"
    r"an|ein|auf|tief|hoch)(?:plan|bau))\Z",
    re.IGNORECASE,
)
# What stands after "am", "im" or "auf der" with a number and is no street.
NO_PLACE = re.compile(
    r"(?:.*tag|mittwoch|.*nachmittag|.*abend|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|"
    r"schalter|.*zimmer|.*raum|räume|.*seiten?|punkte?n?|schritte?|formular|antrag|anlage|.*linie|bus|gleis|haltestelle|jahre?n?|stock|"
    r"fenster|feld|platz|.*stunden?|.*minuten?|woche|wochen|monat|monaten|kw|abschnitt|kapitel|absatz|artikel|paragraph|.*nummer|teil|"
    r"stufe|zone|ziffer|bereich|etage|stockwerk|ebene|gruppe|klasse|.*termin|ende|anfang|.*schnitt|.*portal|frage|bild|version|"
    r"zeile|position|tor|apparat|quartal|semester|internet|.*rathaus|.*amt|.*büro|.*schule|halle|wert|note|alter|umkreis|.*zeit|"
    r"container|kita|block|fachdienst|.*dienst|sachgebiet|.*abteilung|.*bad|.*parkplatz|.*parkhaus|browser|firefox|chrome|windows|"
    r"jahrgang|fall|nr\.?|no\.?|haus|fällen|kreis|.*ung|.*heit|.*keit|b|a)\Z",
    re.IGNORECASE,
)
# What stands after a number of five digits and is no town.
COUNTED = re.compile(
    r"(?:euro|einwohner|menschen|bürger|unterschriften|kilometer|besucher|personen|.*wohnung|haushalte|stimmen|fahrzeuge|autos|"
    r"studi|mark\b|dollar|.*meter|tonnen|.*anträge|kinder|schüler|klicks|aufrufe|stunden|liter|bäume|stück|uhr|leute|prozent|"
    r"und|oder|mal|times|people|residents|visitors|euros|der|die|das|ist|sind|wurde|hat|in|is|was)",
    re.IGNORECASE,
)


def function(word: str) -> bool:
    """Whether it is a small word of grammar or time, or an office: no name even after "Frau"."""
    folded = _folded(word)
    initial = len(folded) == 1 and word.endswith(".")
    return (folded in FUNCTION and not initial) or bool(OFFICES.fullmatch(folded))


def common(word: str) -> bool:
    """Whether it is a word of every day rather than a name."""
    folded = _folded(word)
    return function(word) or folded in PEOPLE or bool(NO_NAME_END.match(folded))


def place(word: str) -> bool:
    """Whether it names a street or a house rather than a person."""
    return bool(PLACE_END.match(_folded(word)))


def _folded(word: str) -> str:
    return word.strip(".,'").casefold()
