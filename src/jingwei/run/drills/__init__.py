"""Running drills: scenarios against the region, a private one each, and who starts them."""
