"""What all short-message protocols share: coding, segments, parts that belong together, the account."""

MEDIUM = "sms"
