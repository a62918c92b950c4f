import ArgumentParser
@main struct Yibang: ParsableCommand { }
