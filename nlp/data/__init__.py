"""Words of the hotline as data: keyword table, danger words, appeal words, spelling variants."""
