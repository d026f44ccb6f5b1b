"""What every feature of Starloom needs; knows no plugin, no provider and no sandbox."""
