"""HTTP and HTTPS of the region: one small server, and the sites it shows."""
