"""E-mail in the hotline's words: composing and sending, receiving, reading what anybody may have written."""
