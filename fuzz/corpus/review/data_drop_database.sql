DROP DATABASE tutoring;
