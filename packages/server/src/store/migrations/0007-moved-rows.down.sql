DROP TABLE moved_row;
