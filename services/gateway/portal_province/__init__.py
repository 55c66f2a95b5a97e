"""The province manager's report, down to what each number counts."""
