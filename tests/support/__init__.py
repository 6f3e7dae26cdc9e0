"""What tests share: kits for keys, cores, pairs and federations, hostile servers, and how processes start."""
