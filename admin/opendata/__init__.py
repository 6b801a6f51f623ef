"""Open data: what of the counts is published, protected, for good."""
