#include "cli/completion.hpp"

#include <fmt/format.h>

#include <functional>
#include <iostream>
#include <vector>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/command_list.hpp"
#include "sluice/version.hpp"

namespace sluice::cli {

namespace {

struct Flag {
  std::vector<std::string> names;  // "--config", "-y"
  std::string help;
  bool takes_value = false;
};

struct Command {
  std::string path;  // "db start"; empty for the program itself
  std::string name, help, footer;
  std::vector<Flag> flags;
  std::vector<std::pair<std::string, std::string>> arguments;  // positional: name, help
  std::vector<Command> commands;
};

Command describe(const CLI::App& app, const std::string& path) {
  Command out{path, app.get_name(), app.get_description(), app.get_footer(), {}, {}, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      out.arguments.emplace_back(option->get_name(true), option->get_description());
      continue;
    }
    Flag flag;
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
    flag.help = option->get_description();
    flag.takes_value = option->get_expected_max() > 0 && option->get_type_size_max() > 0;
    if (!flag.names.empty() && !flag.help.empty()) out.flags.push_back(std::move(flag));
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!command->get_group().empty())
      out.commands.push_back(describe(*command, (path.empty() ? "" : path + " ") + command->get_name()));
  return out;
}

void each(const Command& command, const std::function<void(const Command&)>& visit) {
  visit(command);
  for (const Command& below : command.commands) each(below, visit);
}

std::string words(const Command& command) {
  std::vector<std::string> out;
  for (const Command& below : command.commands) out.push_back(below.name);
  for (const Flag& flag : command.flags) out.insert(out.end(), flag.names.begin(), flag.names.end());
  return text::join(out, " ");
}

// The alternatives of a case in which the flags of all commands take a value.
std::string value_flags(const Command& program) {
  std::vector<std::string> out;
  each(program, [&](const Command& command) {
    for (const Flag& flag : command.flags)
      if (flag.takes_value)
        for (const std::string& name : flag.names)
          if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  });
  return text::join(out, "|");
}

std::string one_line(const std::string& help) { return text::replace_all(help, "\n", " "); }

std::string single_quoted(const std::string& help) { return "'" + text::replace_all(help, "'", "'\\''") + "'"; }

// "  db)" lines that tell which command the words before the cursor are.
std::string path_cases(const Command& program, const std::string& indent) {
  std::string out;
  each(program, [&](const Command& command) {
    for (const Command& below : command.commands)
      out += fmt::format("{}'{}:{}') path='{}' ;;\n", indent, command.path, below.name, below.path);
  });
  return out;
}

std::string roff(const std::string& plain) {
  std::string out;
  bool line_start = true;
  for (const char c : plain) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (line_start && (c == '.' || c == '\''))
      out += std::string("\\&") + c;
    else
      out += c;
    line_start = c == '\n';
  }
  return out;
}

void print_flags(const Command& command, std::string& out) {
  for (const auto& [name, help] : command.arguments) out += ".TP\n.I " + roff(name) + "\n" + roff(help) + "\n";
  for (const Flag& flag : command.flags) {
    std::vector<std::string> names;
    for (const std::string& name : flag.names) names.push_back("\\fB" + roff(name) + "\\fR");
    out +=
        ".TP\n" + text::join(names, ", ") + (flag.takes_value ? " \\fIvalue\\fR" : "") + "\n" + roff(flag.help) + "\n";
  }
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  const Command program = describe(app, "");
  std::string out =
      "# bash completion for sluice: made by 'sluice completion bash'\n_sluice() {\n"
      "  local word path='' previous=${COMP_WORDS[COMP_CWORD-1]} current=${COMP_WORDS[COMP_CWORD]} words=''\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$path:$word\" in\n";
  out += path_cases(program, "      ");
  out += "    esac\n  done\n  case \"$previous\" in\n    " + value_flags(program) +
         ") COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n  esac\n  case \"$path\" in\n";
  each(program,
       [&](const Command& command) { out += fmt::format("    '{}') words='{}' ;;\n", command.path, words(command)); });
  return out +
         "  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "  case \"$current\" in -*) ;; *) COMPREPLY+=($(compgen -f -- \"$current\")) ;; esac\n}\n"
         "complete -o filenames -F _sluice sluice\n";
}

std::string zsh_completion(const CLI::App& app) {
  const Command program = describe(app, "");
  std::string out =
      "#compdef sluice\n# zsh completion for sluice: made by 'sluice completion zsh'\n_sluice() {\n"
      "  local word path=''\n  local -a commands flags\n  for word in ${words[2,CURRENT-1]}; do\n    case "
      "\"$path:$word\" in\n";
  out += path_cases(program, "      ");
  out += "    esac\n  done\n  case ${words[CURRENT-1]} in\n    " + value_flags(program) +
         ") _files; return ;;\n  esac\n  case $path in\n";
  const auto item = [](const std::string& name, const std::string& help) {
    return single_quoted(text::replace_all(name, ":", "\\:") + ":" + text::replace_all(one_line(help), ":", "\\:"));
  };
  each(program, [&](const Command& command) {
    out += fmt::format("    '{}')\n      commands=(", command.path);
    for (const Command& below : command.commands) out += "\n        " + item(below.name, below.help);
    out += ")\n      flags=(";
    for (const Flag& flag : command.flags)
      for (const std::string& name : flag.names) out += "\n        " + item(name, flag.help);
    out += ") ;;\n";
  });
  return out +
         "  esac\n  (( $#commands )) && _describe command commands\n  _describe flag flags -o\n  _files\n}\n"
         "if [ \"$funcstack[1]\" = _sluice ]; then _sluice \"$@\"; else compdef _sluice sluice; fi\n";
}

std::string fish_completion(const CLI::App& app) {
  const Command program = describe(app, "");
  std::string out =
      "# fish completion for sluice: made by 'sluice completion fish'\n"
      "function __sluice_path\n  set -l path ''\n  for word in (commandline -opc)[2..]\n    switch \"$path:$word\"\n";
  each(program, [&](const Command& command) {
    for (const Command& below : command.commands)
      out += fmt::format("      case '{}:{}'\n        set path '{}'\n", command.path, below.name, below.path);
  });
  out += "    end\n  end\n  echo $path\nend\n";
  each(program, [&](const Command& command) {
    const std::string when = fmt::format("complete -c sluice -n 'test \"$(__sluice_path)\" = \"{}\"'", command.path);
    for (const Command& below : command.commands)
      out += fmt::format("{} -f -a {} -d {}\n", when, below.name, single_quoted(one_line(below.help)));
    for (const Flag& flag : command.flags) {
      out += when;
      for (const std::string& name : flag.names)
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      out += std::string(flag.takes_value ? " -r" : "") + " -d " + single_quoted(one_line(flag.help)) + "\n";
    }
  });
  return out;
}

std::string manual_page(const CLI::App& app) {
  const Command program = describe(app, "");
  std::string out = ".TH SLUICE 1 \"\" \"Sluice " + std::string(version()) +
                    "\" \"User Commands\"\n.SH NAME\nsluice \\- " +
                    roff("schema migrations for PostgreSQL, on a Drizzle schema and migrations folder") +
                    "\n.SH SYNOPSIS\n.B sluice\n.I command\n[options]\n.SH DESCRIPTION\n" + roff(program.help) +
                    "\nEvery command takes \\fB\\-\\-json\\fR and \\fB\\-\\-help\\fR.\n.SH COMMANDS\n";
  each(program, [&](const Command& command) {
    if (command.path.empty() || !command.commands.empty()) return;
    out += ".SS sluice " + roff(command.path) + "\n" + roff(command.help) + ".\n";
    print_flags(command, out);
    if (!command.footer.empty()) out += ".PP\n.nf\n" + roff(command.footer) + "\n.fi\n";
  });
  return out + R"(.SH EXIT STATUS
.TP
0
done
.TP
1
error
.TP
2
findings, where the command was asked for them
.TP
3
refused: a protected database, data loss or an approval that was not given
.TP
130
interrupted
.SH ENVIRONMENT
.TP
DATABASE_URL
the database, where neither \-\-url nor the configuration names one; also read from .env
.TP
NO_COLOR
no colours
.SH FILES
.TP
drizzle.config.ts
where the schema and the migrations folder are
.TP
sluice.toml
what drizzle's configuration has no word for
)";
}

void add_completion(CLI::App& app, Chosen& chosen) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = add_command(app, chosen, "completion", "Print a shell's completions, or the manual page",
                                  "  sluice completion bash > ~/.local/share/bash-completion/completions/sluice\n"
                                  "  sluice completion zsh > ~/.zfunc/_sluice\n"
                                  "  sluice completion fish > ~/.config/fish/completions/sluice.fish\n"
                                  "  sluice completion man | man -l -");
  command->add_option("shell", *shell, "bash, zsh, fish, or man for the manual page")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish", "man"}));
  command->callback([&app, &chosen, shell] {
    chosen.run = [&app, shell](Terminal& terminal) {
      const std::string text = *shell == "bash"   ? bash_completion(app)
                               : *shell == "zsh"  ? zsh_completion(app)
                               : *shell == "fish" ? fish_completion(app)
                                                  : manual_page(app);
      if (terminal.json())
        terminal.answer({{"shell", *shell}, {"text", text}});
      else
        std::cout << text;
      return Exit::done;
    };
  });
}

}  // namespace sluice::cli
