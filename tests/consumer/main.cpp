#include <iostream>
#include <sluice/version.hpp>

int main() { std::cout << sluice::version() << "\n"; }
