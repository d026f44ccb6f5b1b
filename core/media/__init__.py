"""Media that people give: taken, checked, converted, kept until their generation ends."""
