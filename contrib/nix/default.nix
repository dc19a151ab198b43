# nix-build contrib/nix: from the tree that this file lies in.
{ pkgs ? import <nixpkgs> { } }:

pkgs.stdenv.mkDerivation {
  pname = "dreamq";
  version = builtins.head (builtins.match ".*project\\('dreamq', 'c', version: '([^']*)'.*"
    (builtins.readFile ../../meson.build));
  src = pkgs.lib.cleanSource ../..;

  nativeBuildInputs = with pkgs; [ gettext meson ninja pkg-config ];
  buildInputs = with pkgs; [
    cjson
    curl
    ffmpeg
    jansson
    libdeflate
    libjpeg
    libmicrohttpd
    libpng
    libwebp
    openssl
    pango
    sqlite
    utf8proc
    zlib
  ];
  mesonFlags = [ "-Dtests=disabled" "-Dwerror=false" ];

  # The programs run while building, to write their manuals.
  strictDeps = true;

  meta = {
    description = "Bring the results of Dreamina / Jimeng safely home";
    license = pkgs.lib.licenses.mit;
    mainProgram = "dreamq";
    platforms = pkgs.lib.platforms.linux;
  };
}
