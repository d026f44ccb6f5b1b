"""The built-in plugins: everything that people see."""
