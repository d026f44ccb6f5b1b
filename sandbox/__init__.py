"""A local Telegram: an MTProto server with virtual people, for development and tests."""
