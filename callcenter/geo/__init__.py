"""Places of the city: gazetteer, unit grid look-up, geocoder."""
