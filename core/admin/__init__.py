"""What operators may do beyond ordinary people: roles, pages, and the services behind the panel."""
