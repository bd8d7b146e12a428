"""Who is who: names, roles, pseudonyms and the key. Everything in front of the one-way door, and the door itself."""
