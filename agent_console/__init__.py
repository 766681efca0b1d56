"""The console: HTTP interface, live events, and the Vue application under web/."""
