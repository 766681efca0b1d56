"""The dialogue with a citizen in writing: one pure state machine over all channels.

`commands` reads short messages, `state` is what is remembered, `terms` what goes in and comes out, `report`
the guided report, `machine.turn` the whole. Nothing in here does anything or knows a sentence: it names them.
"""
