"""The commands of `zaehlwerk`, a module each."""
