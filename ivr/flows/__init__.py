"""One call flow per file: plain async functions over a FastAGI session."""
