"""The portal of staff and partners: signing in and out, and where one may go from there."""
