// Swagger UI inside of our page: the contract is the file that was written first.
const place = document.getElementById('swagger-ui');
const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');

// It has a dark look of its own, under a class of the root.
function follow() {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : system.matches;
  root.classList.toggle('dark-mode', dark);
}

follow();
system.addEventListener('change', follow);
new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ['data-theme'] });

window.SwaggerUIBundle({
  url: place.dataset.contract,
  domNode: place,
  deepLinking: false,
  validatorUrl: null,
  tryItOutEnabled: true,
});
