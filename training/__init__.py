"""How the weights that the project ships were trained; nothing that is shipped imports this."""
