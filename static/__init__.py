"""The folder static/ as a package, `zaehlwerk_static`, so that it is installed with the program."""
