"""Telegram's Bot API in the hotline's words: updates, texts in pieces, what refusals mean, long polling."""
