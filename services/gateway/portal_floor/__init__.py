"""The portal of those who handle parcels: clerks, sorters, couriers."""
