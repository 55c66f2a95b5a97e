"""The working group's desk: meetings, applications, votes, minutes."""
