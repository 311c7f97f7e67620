#!/usr/bin/perl
# Runs a command; prints its exit code, wall seconds, CPU seconds (user + system, with its children), and the most
# memory that one of its processes had, in KiB. Perl is on every Debian; nothing needs to be installed for it.
use strict;
use warnings;
use POSIX ();
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

my ($machine) = (POSIX::uname())[4];
my $getrusage = { x86_64 => 98, aarch64 => 165 }->{$machine} or die "no getrusage number for $machine\n";

my $output = shift @ARGV;
my $began = clock_gettime(CLOCK_MONOTONIC);
my $pid = fork() // die "fork: $!\n";
if ($pid == 0) {
  open(STDIN, '<', '/dev/null') and open(STDOUT, '>', $output) and open(STDERR, '>&', \*STDOUT) or die "$output: $!\n";
  exec(@ARGV) or die "$ARGV[0]: $!\n";
}
waitpid($pid, 0);
my $wall = clock_gettime(CLOCK_MONOTONIC) - $began;
my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;

my $usage = "\0" x 256;
syscall($getrusage, -1, $usage) == 0 or die "getrusage: $!\n";    # -1: the children that were waited for
my ($user, $user_us, $system, $system_us, $peak) = unpack('q5', $usage);
printf "%d %.6f %.6f %d\n", $status, $wall, $user + $system + ($user_us + $system_us) / 1e6, $peak;
