"""What people say about services: asked, screened for personal data, kept and counted."""
