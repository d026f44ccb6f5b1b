"""Everything that knows Pyrogram."""
