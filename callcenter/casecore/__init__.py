"""The two implementations of the CaseCore port."""
