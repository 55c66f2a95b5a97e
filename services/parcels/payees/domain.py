"""What may be said of a bank account in public. Pure."""


def masked(sheba: str) -> str:
    """The country, the bank's number and the last four digits: whose it is, it does not tell."""
    return f"{sheba[:2]}**{sheba[4:7]}{'*' * (len(sheba) - 11)}{sheba[-4:]}"
