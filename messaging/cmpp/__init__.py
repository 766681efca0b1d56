"""China Mobile Peer to Peer 2.0 and 3.0, service provider's side: the way to a carrier's gateway (ISMG)."""
