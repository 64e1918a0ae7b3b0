"""The administrator's pages in the browser: users, devices, the state of synchronization; no business data."""
