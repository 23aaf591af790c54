"""What the law asks of whoever keeps pupils' data: delete, hand out, assess, audit, say why."""
