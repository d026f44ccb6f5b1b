"""The world of the local Telegram: people, bots, chats, messages and what happens to them."""
