"""What pages show, put together from the domain and masked for whoever looks."""
