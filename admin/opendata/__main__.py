"""`python -m admin.opendata DATA ARS` publishes what is due; started by the button of the page."""

from admin.opendata.runner import main

main()
