-- Of these the ones that a row refers to.
SELECT * FROM cgroups;
