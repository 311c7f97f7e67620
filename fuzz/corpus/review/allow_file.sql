-- sluice:allow-file index-blocks-writes the table has ten rows
CREATE INDEX t_d ON t (d);
CREATE INDEX t_e ON t (e);
