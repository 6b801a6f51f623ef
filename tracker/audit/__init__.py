"""What is stored where, for how long and since when, and checks of the actual files: `zaehlwerk audit`."""
