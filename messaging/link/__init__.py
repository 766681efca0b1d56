"""What the carriers' protocols share: frames with a length in front, requests matched with answers over one
connection, a session that stays logged in. SMPP and CMPP are built on it; it knows neither.
"""
