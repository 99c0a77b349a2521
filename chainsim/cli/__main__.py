"""`python -m chainsim.cli` is the command line of that interpreter, whichever `chainsim` the shell would find."""

from chainsim.cli.main import main

if __name__ == "__main__":
    main()
