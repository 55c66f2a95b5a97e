"""What all pages are made of: languages, numbers, forms, templates, files, who is signed in."""
